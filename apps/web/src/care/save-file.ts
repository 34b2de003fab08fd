// Hands a file to the person, by the browser's own way of saving one.

const TYPES = { html: 'text/html', json: 'application/json' } as const

/** How long a browser may take to begin reading the file. */
const READ_WITHIN_MS = 60_000

/** Saves an export under today's name. */
export function saveFile(bytes: Uint8Array<ArrayBuffer>, format: keyof typeof TYPES): void {
  const url = URL.createObjectURL(new Blob([bytes], { type: TYPES[format] }))
  const link = document.createElement('a')
  link.href = url
  link.download = `knothole-${new Date().toISOString().slice(0, 10)}.${format}`
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), READ_WITHIN_MS)
}
