// A raw data channel, under the name by which the pages of the `sync` bench ask for a pipe.
export { openRawPipe as openPipe } from '../link/raw-pipe.testing.ts'
