/** What all rivals' pages share: which side they are, and how they show a message. */

export const greeting = document.body.dataset.greeting
export const room = location.pathname.slice(1)
export const waiting = location.search.includes('wait')

/** Tells the bench that the waiter is in its room. */
export function markReady() {
  document.body.dataset.ready = ''
}

/** Puts a message where the bench looks for it. */
export function show(text) {
  const line = document.createElement('p')
  line.dataset.message = ''
  line.textContent = text
  document.body.append(line)
}
