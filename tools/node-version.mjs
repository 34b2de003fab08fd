// Imported first by every command: stops with one clear sentence on a Node that is too old.
// Has no imports and no new syntax of its own, so that an old Node can still read it.

const needed = { major: 20, minor: 19 }

/**
 * Says why this Node cannot run Knothole; undefined when it can.
 * @param {string} version as in process.versions.node
 * @returns {string | undefined}
 */
export function tooOld(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > needed.major || (major === needed.major && minor >= needed.minor)) return undefined
  return (
    'Knothole needs Node ' +
    needed.major +
    '.' +
    needed.minor +
    ' or newer; this is ' +
    version +
    '.'
  )
}

const reason = tooOld(process.versions.node)
if (reason !== undefined) {
  console.error(reason + ' See https://nodejs.org.')
  process.exit(1)
}
