// What the pages of the `sync` bench are built with: one contender's side, and the way for its messages.
declare module 'bench-side' {
  // oxlint-disable-next-line typescript/consistent-type-imports -- reason: an ambient module can name a file in no other way
  export const openSide: import('./side.ts').OpenSide
}
declare module 'bench-way' {
  // oxlint-disable-next-line typescript/consistent-type-imports -- reason: as above
  export const openWay: import('./way.ts').OpenWay
}
