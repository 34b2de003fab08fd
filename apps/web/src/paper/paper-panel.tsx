// Bringing somebody in when no server answers: an invitation that one person shows or sends to another,
// and the answer that comes back the same way. Shows and reads texts; what is on them is the engine's.
import { useSignal } from '@preact/signals'
import type { Signal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import type { PaperApi } from '../engine.ts'
import { adoptSheet } from '../parts/adopt-sheet.ts'
import { Qr } from '../parts/qr.tsx'
import sheet from '../styles/paper.css?inline'
import { ShareText } from './share-text.tsx'
import { FAULT_WORDS, WORDS } from './words.ts'

adoptSheet(sheet)

type Invite = Awaited<ReturnType<PaperApi['invite']>>

/** Both sides of it, one at a time. */
export function PaperPanel({ paper, link }: { paper: PaperApi; link: string }): JSX.Element {
  const side = useSignal<'invite' | 'answer'>('invite')
  return (
    <section class="paper-panel">
      <p>{WORDS.why}</p>
      <div role="tablist" class="paper-tabs">
        <Tab side={side} own="invite" />
        <Tab side={side} own="answer" />
      </div>
      {side.value === 'invite' ? (
        <Inviting paper={paper} link={link} />
      ) : (
        <Answering paper={paper} />
      )}
    </section>
  )
}

function Tab(props: { side: Signal<'invite' | 'answer'>; own: 'invite' | 'answer' }): JSX.Element {
  const { side, own } = props
  return (
    <button
      role="tab"
      class="button"
      aria-selected={side.value === own}
      data-action={`paper-${own}`}
      onClick={() => (side.value = own)}
    >
      {WORDS.tabs[own]}
    </button>
  )
}

/** Shows an invitation and waits for its answer. */
function Inviting({ paper, link }: { paper: PaperApi; link: string }): JSX.Element {
  const invite = useSignal<Invite | 'writing' | 'failed'>('writing')
  const withKey = useSignal(false)
  useEffect(() => {
    let isShown = true
    let written: Invite | undefined
    const write = async (): Promise<void> => {
      written = await paper.invite()
      if (isShown) invite.value = written
      else written.cancel()
    }
    // reason: the code for it cannot be had, or this browser makes no connections; the panel says so.
    write().catch(() => (invite.value = 'failed'))
    return () => {
      isShown = false
      written?.cancel()
    }
  }, [paper])
  const current = invite.value
  if (typeof current === 'string') return <p role="status">{WORDS[current]}</p>
  const text = withKey.value ? `${link} ${current.text}` : current.text
  return (
    <div class="paper-side">
      <p>{WORDS.show}</p>
      <Qr text={text} label={WORDS.inviteCode} />
      <ShareText text={text} label={WORDS.invite} />
      <label class="check">
        <input
          type="checkbox"
          checked={withKey.value}
          onChange={(event) => (withKey.value = event.currentTarget.checked)}
        />
        {WORDS.withKey}
      </label>
      <p class="hint">{withKey.value ? WORDS.keyTruth : WORDS.noKeyTruth}</p>
      <Given
        label={WORDS.giveAnswer}
        action="paper-accept"
        take={async (answer) => {
          const fault = await current.accept(answer)
          return fault === undefined ? WORDS.accepted : FAULT_WORDS[fault]
        }}
      />
    </div>
  )
}

/** Takes an invitation and shows the answer. */
function Answering({ paper }: { paper: PaperApi }): JSX.Element {
  const answer = useSignal('')
  if (answer.value !== '') {
    return (
      <div class="paper-side">
        <p>{WORDS.carryBack}</p>
        <Qr text={answer.value} label={WORDS.answerCode} />
        <ShareText text={answer.value} label={WORDS.answer} />
      </div>
    )
  }
  return (
    <div class="paper-side">
      <Given
        label={WORDS.giveInvite}
        action="paper-take"
        take={async (text) => {
          // Whoever was given the key with it has opened the room by now; only the invitation counts here.
          const [, invite = text] = /(knothole\.[\w\s-]+)$/.exec(text) ?? []
          const written = await paper.answer(invite)
          if (typeof written === 'string') return FAULT_WORDS[written]
          answer.value = written.text
          return ''
        }}
      />
    </div>
  )
}

/** A text that somebody gave, and what came of it. */
function Given(props: {
  label: string
  action: string
  take: (text: string) => Promise<string>
}): JSX.Element {
  const { label, action, take } = props
  const text = useSignal('')
  const outcome = useSignal('')
  const submit = async (): Promise<void> => {
    outcome.value = WORDS.writing
    // reason: this browser makes no connections, or the code cannot be had.
    outcome.value = await take(text.value.trim()).catch(() => WORDS.failed)
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <label>
        {label}
        <textarea
          rows={3}
          spellcheck={false}
          value={text.value}
          onInput={(event) => (text.value = event.currentTarget.value)}
        />
      </label>
      <button class="button button-accent" data-action={action} disabled={text.value.trim() === ''}>
        {WORDS.go}
      </button>
      <p role="status">{outcome.value}</p>
    </form>
  )
}
