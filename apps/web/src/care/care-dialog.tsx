// What becomes of a room's conversation: how long everyone keeps it, what one lets others know, saving it
// to a file and bringing it back, forgetting it here.
import { useSignal } from '@preact/signals'
import type { ComponentChildren, JSX } from 'preact'
import { useRef } from 'preact/hooks'
import type { Keep } from '../engine.ts'
import { adoptSheet } from '../parts/adopt-sheet.ts'
import { announce } from '../parts/announcer.tsx'
import { Dialog } from '../parts/dialog.tsx'
import type { RoomModel } from '../room/model.ts'
import type { Shell } from '../shell.ts'
import {
  EXPORT_FAILED,
  FORGET_WORDS,
  IMPORT_FAILED,
  KEEPS,
  KEEP_TRUTH,
  KEEP_WORDS,
  RECEIPT_WORDS,
  importWords,
} from '../talk/words.ts'
import sheet from './care.css?inline'
import { saveFile } from './save-file.ts'

adoptSheet(sheet)

/** The dialog. */
export function CareDialog(props: {
  model: RoomModel
  shell: Shell
  onClose: () => void
}): JSX.Element {
  const { model, shell, onClose } = props
  return (
    <Dialog title="This conversation" onClose={onClose}>
      <KeepChoice model={model} />
      <Receipts shell={shell} />
      <Files model={model} />
      <Forget model={model} shell={shell} />
    </Dialog>
  )
}

function Section(props: { title: string; children: ComponentChildren }): JSX.Element {
  return (
    <section class="care">
      <h3>{props.title}</h3>
      {props.children}
    </section>
  )
}

function KeepChoice({ model }: { model: RoomModel }): JSX.Element {
  // Drawn again with every change of the talk.
  void model.rows.value
  const current = model.room.talk.keep
  const chosen = useSignal<Keep>(current)
  return (
    <fieldset class="care">
      <legend>Everyone keeps messages</legend>
      <div class="keep-choice">
        {KEEPS.map((keep) => (
          <label key={keep} class="keep">
            <input
              type="radio"
              name="keep"
              value={keep}
              checked={chosen.value === keep}
              onChange={() => (chosen.value = keep)}
            />
            <span>{KEEP_WORDS[keep].label}</span>
          </label>
        ))}
      </div>
      <p class="fine">
        {KEEP_WORDS[chosen.value].meaning} {KEEP_TRUTH}
      </p>
      {chosen.value !== current && (
        <button
          class="button button-accent"
          type="button"
          data-action="set-keep"
          onClick={() => {
            model.room.setKeep(chosen.value)
            announce(`Set for everyone: ${KEEP_WORDS[chosen.value].said}`)
          }}
        >
          Set it for everyone
        </button>
      )}
    </fieldset>
  )
}

function Receipts({ shell }: { shell: Shell }): JSX.Element {
  return (
    <div class="care">
      <label class="switch">
        {RECEIPT_WORDS.label}
        <input
          type="checkbox"
          role="switch"
          data-action="tells-read"
          checked={shell.tellsRead.value}
          aria-describedby="tells-read-detail"
          onChange={(event) => shell.tellRead(event.currentTarget.checked)}
        />
      </label>
      <p class="fine" id="tells-read-detail">
        {RECEIPT_WORDS.detail}
      </p>
    </div>
  )
}

function Files({ model }: { model: RoomModel }): JSX.Element {
  const said = useSignal('')
  const file = useRef<HTMLInputElement>(null)
  const tell = (words: string): void => {
    said.value = words
    announce(words)
  }
  const save = async (format: 'json' | 'html'): Promise<void> => {
    const bytes = await model.room.exportTalk(format).catch(() => undefined)
    if (bytes === undefined) tell(EXPORT_FAILED)
    else saveFile(bytes, format)
  }
  const bring = async (chosen: File | undefined): Promise<void> => {
    if (chosen === undefined) return
    const bytes = new Uint8Array(await chosen.arrayBuffer())
    const report = await model.room.importTalk(bytes).catch(() => undefined)
    tell(report === undefined ? IMPORT_FAILED : importWords(report))
    if (file.current) file.current.value = ''
  }
  return (
    <Section title="Save it, or bring it back">
      <p class="fine">
        A file of your own: HTML to read anywhere, JSON to bring back here or on another device.
        Signatures stay in it, so a changed word is found out.
      </p>
      <div class="care-row">
        <button class="button" data-action="export-html" onClick={() => void save('html')}>
          Save as HTML
        </button>
        <button class="button" data-action="export-json" onClick={() => void save('json')}>
          Save as JSON
        </button>
        <label class="button care-file">
          Bring back…
          <input
            ref={file}
            class="visually-hidden"
            type="file"
            accept="application/json,.json"
            data-action="import"
            onChange={(event) => void bring(event.currentTarget.files?.[0])}
          />
        </label>
      </div>
      {said.value !== '' && <p class="care-said">{said.value}</p>}
    </Section>
  )
}

function Forget({ model, shell }: { model: RoomModel; shell: Shell }): JSX.Element {
  const asked = useSignal(false)
  return (
    <Section title={FORGET_WORDS.ask}>
      <p class="fine">{FORGET_WORDS.detail}</p>
      <div class="care-row">
        {asked.value ? (
          <>
            <button class="button" onClick={() => (asked.value = false)}>
              Keep it
            </button>
            <button
              class="button button-stop"
              data-action="forget-room"
              onClick={() => void shell.forgetRoom(model)}
            >
              {FORGET_WORDS.sure}
            </button>
          </>
        ) : (
          <button class="button" data-action="ask-forget" onClick={() => (asked.value = true)}>
            Forget…
          </button>
        )}
      </div>
    </Section>
  )
}
