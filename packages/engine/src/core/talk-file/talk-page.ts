// A conversation as a page to read: one file without script, fonts, pictures or anything from elsewhere,
// light and dark, with the file that can be checked inside. A policy in it forbids what it does not need.
import type { Message } from '../talk/message.ts'
import { isoTime } from './iso-time.ts'
import { EMBEDDING } from './talk-file.ts'
import type { Transcript } from './talk-file.ts'

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

const STYLE = `
:root{color-scheme:light dark;--ink:#23201c;--soft:#6b655c;--line:#d9d3c8;--ground:#faf8f4}
@media(prefers-color-scheme:dark){:root{--ink:#ece7de;--soft:#a39c90;--line:#3d3932;--ground:#1b1916}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--ground);max-width:44rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem;margin:0}header p,time,.note{color:var(--soft);font-size:.85rem}
article{border-top:1px solid var(--line);padding:.6rem 0}article h2{font-size:1rem;display:inline;margin-right:.6rem}
.text{white-space:pre-wrap;overflow-wrap:anywhere;margin:.2rem 0}blockquote{margin:.2rem 0;padding-left:.6rem;border-left:3px solid var(--line);color:var(--soft)}
a{color:inherit}@media print{body{margin:0;max-width:none}article{break-inside:avoid}}
`

/** How much of a message is quoted where it is answered. */
const QUOTE_LENGTH = 80

/** The page; `file` is the text of the same conversation as a file. */
export function encodeTalkPage({ messages, exportedAtMs }: Transcript, file: string): string {
  const byId = new Map(messages.map((message) => [message.id, message]))
  const words = `${messages.length} messages, saved ${timeOf(exportedAtMs)}. Whoever has this file can read it all.`
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`,
    '<meta name="viewport" content="width=device-width"><meta name="referrer" content="no-referrer">',
    `<title>A conversation in Knothole</title><style>${STYLE}</style></head><body>`,
    `<header><h1>A conversation in Knothole</h1><p>${words}</p></header><main>`,
    ...messages.map((message) => articleOf(message, byId.get(message.replyTo ?? ''))),
    `</main>${EMBEDDING.before}${file}${EMBEDDING.after}</body></html>`,
  ].join('\n')
}

function articleOf(message: Message, answered: Message | undefined): string {
  const { id, name, atMs, edited, reactions } = message
  const iso = isoTime(atMs)
  const given = reactions.map(({ emoji, authors }) => `${emoji} ${authors.length}`).join('  ')
  return [
    `<article id="${escape(id)}"><h2>${escape(name)}</h2>`,
    `<time datetime="${iso}">${timeOf(atMs)}</time>`,
    answered === undefined ? '' : quoteOf(answered),
    bodyOf(message),
    edited === true ? '<p class="note">edited</p>' : '',
    given === '' ? '' : `<p class="note">${escape(given)}</p>`,
    '</article>',
  ].join('')
}

function quoteOf({ id, name, text }: Message): string {
  const words = Array.from(text)
  const quote = words.slice(0, QUOTE_LENGTH).join('')
  const rest = words.length > QUOTE_LENGTH ? '…' : ''
  return `<blockquote><a href="#${escape(id)}">${escape(name)}</a>: ${escape(quote)}${rest}</blockquote>`
}

function bodyOf({ text, deleted, event, problem }: Message): string {
  const note = (words: string): string => `<p class="note">${escape(words)}</p>`
  if (deleted === true) return note('deleted')
  if (problem !== undefined) return note(`cannot be shown: ${problem}`)
  if (event?.type === 'keep') return note(`keeps what is said: ${event.keep}`)
  if (event?.type === 'named') return note(`goes by the name ${event.name} now`)
  if (event?.type === 'left') return note('left')
  return `<p class="text">${escape(text)}</p>`
}

/** Day and minute, in coordinated universal time: the same for everyone who reads it. */
function timeOf(atMs: number): string {
  return `${isoTime(atMs).slice(0, 16).replace('T', ' ')} UTC`
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"]/g, (char) => ESCAPES[char] ?? '')
}
