// `npm run lab -- <arguments>`: sets up and builds what the NAT laboratory needs, then becomes it.
import './node-version.mjs'
import { allRequirements, installDebianPackages } from './debian.mjs'
import { setUp } from './setup.mjs'
import { become } from './run.mjs'

if (!setUp('lab/natlab')) process.exit(1)
if (!installDebianPackages(allRequirements)) process.exit(1)
await become('lab/natlab/dist/main.js', process.argv.slice(2))
