// Joins ahead of their sockets: a challenge goes out with the page, and the first request of the page answers
// it on the same connection. That saves whoever opens a link two round trips. Decides whether a challenge is
// ours; everything else is the machine's.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import {
  AHEAD,
  CHALLENGE,
  decodeBase64url,
  decodeServerFrame,
  encodeBase64url,
  encodeServerFrame,
  joinPath,
  MAX_CLIENT_FRAME_BYTES,
  parseRoomId,
  PROTOCOL_VERSION,
} from '@knothole/wire'
import type { Bytes, RoomId } from '@knothole/wire'
import type { PageChallenges } from '../../core/index.ts'
import { sendError } from './http-answers.ts'
import { readAheadToken } from '../socket-gate.ts'
import type { SocketGate } from '../socket-gate.ts'

export interface JoinAheadOptions {
  readonly challenges: PageChallenges
  readonly gate: Pick<SocketGate, 'isOwn' | 'joinAhead'>
  readonly nowMs: () => number
}

interface JoinRequest extends FastifyRequest {
  readonly params: { readonly room?: string }
}

/** A challenge for a page, as the frame that brings one, base64url. */
export function issueChallenge({ challenges, nowMs }: JoinAheadOptions): string {
  const nonce = challenges.issue(nowMs())
  return encodeBase64url(encodeServerFrame({ type: 'challenge', version: PROTOCOL_VERSION, nonce }))
}

/** Takes joins. */
export function addJoinAhead(app: FastifyInstance, options: JoinAheadOptions): void {
  // A scope of its own: no other address takes this media type.
  void app.register(async (scope) => {
    scope.addContentTypeParser(
      'application/octet-stream',
      { parseAs: 'buffer', bodyLimit: MAX_CLIENT_FRAME_BYTES },
      (_request, body, done) => done(null, body),
    )
    scope.post(joinPath(':room' as RoomId), (request, reply) => {
      return join(request as JoinRequest, reply, options)
    })
  })
}

function join(request: JoinRequest, reply: FastifyReply, options: JoinAheadOptions): FastifyReply {
  const { challenges, gate, nowMs } = options
  if (!gate.isOwn(request.raw)) return sendError(reply, 403)
  const room = parseRoomId(request.params.room ?? '')
  const token = readAheadToken(request.headers[AHEAD])
  const nonce = readChallenge(request.headers[CHALLENGE])
  const { body } = request
  if (room === undefined || token === undefined || nonce === undefined || !Buffer.isBuffer(body)) {
    return sendError(reply, 400)
  }
  if (!challenges.take(nonce, nowMs())) return sendError(reply, 409)
  reply.hijack()
  reply.raw.writeHead(200, {
    ...reply.getHeaders(),
    'content-type': 'application/octet-stream',
    'cache-control': 'no-store',
    // nginx would keep the answer until it ends.
    'x-accel-buffering': 'no',
  } as Record<string, string>)
  gate.joinAhead({ room, token, nonce, join: new Uint8Array(body) }, request.raw, reply.raw)
  return reply
}

function readChallenge(text: unknown): Bytes | undefined {
  const bytes = typeof text === 'string' ? decodeBase64url(text) : undefined
  const frame = bytes === undefined ? undefined : decodeServerFrame(bytes)
  return frame?.ok === true && frame.value.type === 'challenge' ? frame.value.nonce : undefined
}
