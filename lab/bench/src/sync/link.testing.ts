// A link of Knothole, under the name by which the pages of the `sync` bench ask for a pipe.
export { openKnotholePipe as openPipe } from '../link/knothole-pipe.testing.ts'
