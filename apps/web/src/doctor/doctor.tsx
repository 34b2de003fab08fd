// The doctor's page: tests this browser's network as it opens, says in one sentence what that means for
// talking directly, then line by line, and gives a report to copy. A part of its own.
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import type { Room } from '../engine.ts'
import { announce } from '../parts/announcer.tsx'
import { Icon } from '../parts/icons.tsx'
import { Mark } from '../parts/mark.tsx'
import '../parts/tab-icon.ts'
import { Stopped } from '../parts/whole-window.tsx'
import { adoptSheet } from '../parts/adopt-sheet.ts'
import type { Shell } from '../shell.ts'
import homeSheet from '../styles/home.css?inline'
import { BROWSER_WORDS } from '../stop/words.ts'
import sheet from './doctor.css?inline'
import { examineNetwork } from './examine.ts'
import type { Examine, Findings } from './findings.ts'
import { verdictOf } from './verdict.ts'
import type { Verdict } from './verdict.ts'
import { chaptersOf, reportText, VERDICT_WORDS } from './words.ts'
import type { Chapter, Line } from './words.ts'

adoptSheet(homeSheet)
adoptSheet(sheet)

/** The page. */
export function Doctor(props: { shell: Shell; examine?: Examine | undefined }): JSX.Element {
  const { shell } = props
  useEffect(() => {
    document.title = 'Test your network · Knothole'
  }, [])
  if (shell.fault) return <Stopped notice={BROWSER_WORDS[shell.fault]} shell={shell} />
  const openRoom = (): Promise<Room> => shell.openTrialRoom()
  const examine = props.examine ?? examineNetwork({ openRoom, stunUrls: shell.stunUrls })
  return <Examination examine={examine} />
}

function Examination({ examine }: { examine: Examine }): JSX.Element {
  const findings = useSignal<Findings | undefined>(undefined)
  const round = useSignal(1)
  useEffect(() => examine((found) => (findings.value = found)), [round.value])
  const found = findings.value
  const verdict = found === undefined ? 'running' : verdictOf(found)
  return (
    <div class="home doctor" data-verdict={verdict}>
      <header class="home-head">
        <a class="wordmark" href="/">
          <Mark />
          Knothole
        </a>
      </header>
      <main>
        <VerdictCard verdict={verdict}>
          {found?.isDone === true && (
            <>
              <button
                class="button button-accent"
                data-action="copy-report"
                onClick={() => void copy(reportOf(found, verdict))}
              >
                <Icon name="copy" />
                Copy the report
              </button>
              <button class="button" data-action="test-again" onClick={() => (round.value += 1)}>
                Test again
              </button>
            </>
          )}
        </VerdictCard>
        {found !== undefined &&
          chaptersOf(found).map((chapter) => <Section key={chapter.title} chapter={chapter} />)}
        {found?.isDone === true && <Report text={reportOf(found, verdict)} />}
      </main>
    </div>
  )
}

function VerdictCard(props: { verdict: Verdict; children: JSX.Element | false }): JSX.Element {
  const { title, body, tone } = VERDICT_WORDS[props.verdict]
  return (
    <section class="verdict" data-tone={tone}>
      <Mark />
      <div class="verdict-words" role="status">
        <h1>{title}</h1>
        <p>{body}</p>
      </div>
      <div class="verdict-steps">{props.children}</div>
    </section>
  )
}

function Section({ chapter }: { chapter: Chapter }): JSX.Element {
  return (
    <section class="chapter">
      <h2>{chapter.title}</h2>
      <ul>
        {chapter.lines.map((line) => (
          <Row key={line.id} line={line} />
        ))}
      </ul>
    </section>
  )
}

function Row({ line }: { line: Line }): JSX.Element {
  return (
    <li class="finding" data-finding={line.id} data-tone={line.tone}>
      <div class="finding-what">
        <h3>{line.title}</h3>
        <p class="fine">{line.tried}</p>
      </div>
      <div class="finding-result">
        <p>
          <span class="dot" aria-hidden="true" />
          {line.result}
        </p>
        {line.means !== '' && <p class="fine">{line.means}</p>}
      </div>
    </li>
  )
}

function Report({ text }: { text: string }): JSX.Element {
  return (
    <section class="chapter">
      <details class="report">
        <summary>What the report says</summary>
        <pre tabIndex={0} role="region" aria-label="The report">
          {text}
        </pre>
      </details>
      <p class="fine">
        The report has no address, name or key in it. For the test this page opened a room of its
        own, as anybody can, and has left it again; nobody has its link.
      </p>
    </section>
  )
}

function reportOf(findings: Findings, verdict: Verdict): string {
  return reportText(findings, verdict, navigator.userAgent)
}

async function copy(text: string): Promise<void> {
  // reason: a browser that forbids it still shows the text, to be selected by hand.
  const isCopied = await navigator.clipboard.writeText(text).then(
    () => true,
    () => false,
  )
  announce(isCopied ? 'Report copied' : 'This browser does not let pages copy')
}
