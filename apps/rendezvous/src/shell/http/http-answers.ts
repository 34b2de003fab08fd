// Answers that are not the page: JSON errors for programs, plain text for people.
import type { FastifyReply } from 'fastify'
import type { ErrorAnswer } from '@knothole/wire'

/** HTTP errors as this server words them; nothing of the request is repeated. */
const ERRORS: ReadonlyMap<number, ErrorAnswer['error']> = new Map([
  [400, { code: 'bad-request', message: 'the request is malformed' }],
  [403, { code: 'forbidden', message: 'this origin may not connect' }],
  [404, { code: 'not-found', message: 'there is nothing here' }],
  [405, { code: 'method-not-allowed', message: 'this address does not take this method' }],
  [408, { code: 'too-slow', message: 'the request did not come in time' }],
  [
    409,
    {
      code: 'stale-challenge',
      message: 'the challenge is not ours, too old or was taken before; join by the socket',
    },
  ],
  [413, { code: 'too-large', message: 'the request is too large' }],
  [415, { code: 'unsupported-media-type', message: 'send the media type this address takes' }],
  [426, { code: 'upgrade-required', message: 'this address speaks WebSocket' }],
  [429, { code: 'rate-limited', message: 'too many rooms from this address; try again later' }],
  [431, { code: 'too-large', message: 'the header fields are too large' }],
  [503, { code: 'unavailable', message: 'the server is busy or stopping; try again in a moment' }],
])

/** The body of an error. */
export function errorAnswer(status: number): ErrorAnswer {
  const error = ERRORS.get(status) ?? ERRORS.get(400)
  if (status >= 500 && !ERRORS.has(status)) {
    return { error: { code: 'internal-error', message: 'the server failed at this request' } }
  }
  return { error: error ?? { code: 'bad-request', message: 'the request is malformed' } }
}

/** Answers with an error. */
export function sendError(reply: FastifyReply, status: number): FastifyReply {
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .type('application/json; charset=utf-8')
    .send(errorAnswer(status))
}

/** What a person reads who opens an address with nothing behind it. */
export const NOT_FOUND_TEXT = 'There is no page at this address.\n'

/** What a person reads whose server has no page. */
export const NO_PAGE_TEXT =
  'The page is not built. On the server, run `npm run build` and start Knothole again.\n'
