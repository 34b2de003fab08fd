// `npm run bench -- <arguments>`: sets up and builds what the benchmarks need, then becomes them.
import './node-version.mjs'
import { installDebianPackages } from './debian.mjs'
import { setUp } from './setup.mjs'
import { become } from './run.mjs'

if (!setUp('lab/bench')) process.exit(1)
if (!installDebianPackages(['chromium'])) process.exit(1)
await become('lab/bench/dist/main.js', process.argv.slice(2))
