// Reads Markdown the way check-docs needs it: the paths and npm scripts it names in code, its links
// and the anchors of its headings. Knows nothing about what exists.

const topFolders = ['packages', 'apps', 'lab', 'tools', 'docs', '.ci']
const pathPattern = /^(?:[\w.@*-]+\/)*[\w.@*-]+\/?$/
const filePattern = /\.(?:md|tsx?|mjs|json|css|html)$/
const npmPattern = /\bnpm (?:run (?<script>[\w:.-]+)|(?<short>start|test)\b)(?<rest>[^\n]*)/g
const workspacePattern = /(?:-w|--workspace)[ =](?<workspace>[\w@/.-]+)/
const linkPattern = /\]\((?<target>[^)\s]+)(?:\s+"[^"]*")?\)/g
const fencePattern = /^(?:```|~~~)[^\n]*\n([\s\S]*?)^(?:```|~~~)/gm

/**
 * What a document names.
 * @param {string} text
 */
export function readDocument(text) {
  const fences = [...text.matchAll(fencePattern)].map(([, code = '']) => code)
  const outside = text.replaceAll(fencePattern, '')
  const spans = [...outside.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code)
  const code = [...spans, ...fences]
  return {
    paths: code.flatMap((piece) => pathsIn(piece)),
    scripts: code.flatMap((piece) => scriptsIn(piece)),
    links: [...outside.replaceAll(/`[^`\n]*`/g, 'code').matchAll(linkPattern)]
      .map(({ groups }) => groups?.['target'] ?? '')
      .filter((target) => !/^[a-z]+:/.test(target)),
    anchors: anchorsOf(outside),
  }
}

/**
 * Words that are meant as paths: below a top folder, or alone in a code span with a known extension.
 * @param {string} code
 */
function pathsIn(code) {
  const words = code.split(/\s+/).map((word) => word.replace(/(?::\d+)?[,;:.)]*$/, ''))
  return words
    .filter((word) => pathPattern.test(word))
    .filter((word) => {
      const [first = '', second] = word.split('/')
      const rooted = [...topFolders, '.', '..', 'src'].includes(first) && second !== undefined
      return rooted || (words.length === 1 && filePattern.test(word))
    })
    .map((word) => word.replace(/\/$/, ''))
}

/**
 * Scripts as `workspace script`; the workspace is empty for the root.
 * @param {string} code
 */
function scriptsIn(code) {
  return [...code.matchAll(npmPattern)].map(({ groups }) => {
    const { script, short, rest = '' } = groups ?? {}
    const workspace = workspacePattern.exec(rest)?.groups?.['workspace'] ?? ''
    return `${workspace} ${script ?? short ?? ''}`.trim()
  })
}

/**
 * Heading anchors as forges make them: lower case, spaces to hyphens, punctuation gone.
 * @param {string} text
 */
function anchorsOf(text) {
  return [...text.matchAll(/^#+ +(.+?) *#*$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

/** Whether a path starts at a folder of the checkout's top. @param {string} path */
export const isRooted = (path) => topFolders.includes(path.split('/')[0] ?? '')
