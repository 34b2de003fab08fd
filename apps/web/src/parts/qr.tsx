// A QR code, drawn here from its modules: the link in it goes to no service. Always dark on white,
// since some cameras read nothing else.
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import type { QrCode } from './qr-code.ts'
import { qrPart } from './qr-part.ts'

/** The text as a QR code; its place is kept while the code is on its way. */
export function Qr({ text, label }: { text: string; label: string }): JSX.Element {
  const code = useSignal<QrCode>({ size: 1, path: '' })
  useEffect(() => {
    let isShown = true
    const draw = async (): Promise<void> => {
      const drawing = await qrPart.load()
      if (isShown && drawing !== undefined) code.value = drawing.qrCodeOf(text)
    }
    void draw()
    return () => {
      isShown = false
    }
  }, [text])
  const { size, path } = code.value
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label}>
      <path d={path} shape-rendering="crispEdges" />
    </svg>
  )
}
