// `npm start`: installs and builds what is missing or changed, then becomes the rendezvous, which
// prints its address. Arguments go to the rendezvous (`npm start -- --help`). Needs Node alone.
import './node-version.mjs'
import { buildProduct, rendezvousMain } from './build.mjs'
import { install, product } from './install.mjs'
import { become, root } from './run.mjs'

// The default data folder is .knothole/ in the checkout, wherever the command was typed.
process.chdir(root)
if (!install(product)) {
  console.error('Could not install the packages. The first start needs the npm registry.')
  process.exit(1)
}
if (!buildProduct()) {
  console.error('The build failed: see above.')
  process.exit(1)
}
await become(rendezvousMain, process.argv.slice(2))
