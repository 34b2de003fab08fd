// What the pages of the `sync` bench are built with: one contender's side, and the way for its bytes.
declare module 'bench-side' {
  // oxlint-disable-next-line typescript/consistent-type-imports -- reason: an ambient module can name a file in no other way
  export const openSide: import('./side.ts').OpenSide
}
declare module 'bench-pipe' {
  // oxlint-disable-next-line typescript/consistent-type-imports -- reason: as above
  export const openPipe: import('../link/pipe.ts').OpenPipe
}
