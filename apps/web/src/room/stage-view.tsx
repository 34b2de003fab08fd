// The middle of a room before there is a conversation. The log is there all the while, unseen.
import type { Signal } from '@preact/signals'
import type { ComponentChildren, JSX } from 'preact'
import { Avatar } from '../parts/avatar.tsx'
import { Clearing } from '../parts/clearing.tsx'
import { Mark } from '../parts/mark.tsx'
import { NoticeCard } from '../parts/notice.tsx'
import { Qr } from '../parts/qr.tsx'
import { ShareLink } from '../parts/share-link.tsx'
import type { Shell } from '../shell.ts'
import { REFUSAL_WORDS, unreachableWords } from './room-words.ts'
import type { RoomModel } from './model.ts'
import { whyWords } from './path-words.ts'
import { spokenName } from './people.ts'
import type { Overlay } from './room-screen.tsx'

interface StageProps {
  readonly model: RoomModel
  readonly shell: Shell
  readonly overlay: Signal<Overlay>
}

/** What the room's stage calls for, until there is a conversation. */
export function BeforeTalk(props: StageProps): JSX.Element | null {
  const stage = props.model.stage.value
  switch (stage.type) {
    case 'talk':
      return null
    case 'waiting':
      return <Waiting model={props.model} />
    case 'refused':
      return (
        <div class="stage" data-stage="refused">
          <Clearing />
          <NoticeCard notice={REFUSAL_WORDS[stage.reason]} shell={props.shell} />
        </div>
      )
    case 'joining':
      return (
        <Quiet name="joining" title="Coming in…" brief>
          <p class="late">
            This takes longer than it should. The server may be slow or far away; there is nothing
            you need to do.
          </p>
        </Quiet>
      )
    case 'server-unreachable':
      return (
        <Quiet name="server-unreachable" title="The server cannot be reached">
          <p>
            It is only needed to introduce you to the others. This page tries again by itself and
            comes in as soon as the server answers.
          </p>
          <button class="button" onClick={() => props.shell.rejoin()}>
            Try now
          </button>
        </Quiet>
      )
    case 'arriving':
      return (
        <Quiet name="arriving" title={`Linking up with ${spokenName(stage.who)}…`} brief>
          <p>Looking for the straightest way between your two networks.</p>
        </Quiet>
      )
    case 'unreachable': {
      const name = spokenName(stage.who)
      const words = unreachableWords(name)
      return (
        <Quiet name="unreachable" title={words.title} member={stage.who.member}>
          <p>{whyWords(stage.who.link, name) ?? words.body}</p>
        </Quiet>
      )
    }
  }
}

function Quiet(props: {
  name: string
  title: string
  member?: string
  /** Usually gone before it is read: the browser has better things to do than to paint wood. */
  brief?: boolean
  children: ComponentChildren
}): JSX.Element {
  return (
    <div class="stage" data-stage={props.name}>
      {props.brief !== true && <Clearing />}
      <div class="quiet" role="status">
        {props.member ? <Avatar member={props.member} /> : <Mark />}
        <h2>{props.title}</h2>
        {props.children}
      </div>
    </div>
  )
}

function Waiting({ model }: { model: RoomModel }): JSX.Element {
  const { link } = model.state.value
  return (
    <div class="stage" data-stage="waiting">
      <Clearing />
      <div class="waiting">
        <Qr text={link} label="QR code of the link to this room" />
        <div class="waiting-words">
          <h2>The room is yours</h2>
          <p>Send this link to whoever you want to talk to. They come straight in.</p>
          <ShareLink link={link} />
          <p class="waiting-status" role="status">
            <span class="pulse" aria-hidden="true" />
            Waiting for the first guest. Keep this page open.
          </p>
        </div>
      </div>
    </div>
  )
}
