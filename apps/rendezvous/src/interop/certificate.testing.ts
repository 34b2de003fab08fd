// A certificate authority, and a certificate of it for `localhost`, 127.0.0.1 and ::1: made anew for
// each run by OpenSSL, so that no key lies in the repository and nothing expires.
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** PEM files. */
export interface TestCertificate {
  readonly authorityFile: string
  readonly certFile: string
  readonly keyFile: string
}

const DAYS = '30'
const CURVE = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']

function openssl(...args: string[]): Promise<unknown> {
  return run('openssl', args)
}

export async function makeTestCertificate(folder: string): Promise<TestCertificate> {
  const file = (name: string): string => join(folder, name)
  const [authorityFile, certFile, keyFile] = ['authority.pem', 'cert.pem', 'key.pem'].map(file)
  if (!authorityFile || !certFile || !keyFile) throw new Error('three files have names')
  const authorityKey = file('authority.key')
  const authority = ['-x509', '-days', DAYS, '-subj', '/CN=Knothole test authority']
  await openssl('req', ...CURVE, ...authority, '-keyout', authorityKey, '-out', authorityFile)
  const request = ['-new', '-subj', '/CN=localhost', '-keyout', keyFile, '-out', file('csr')]
  await openssl('req', ...CURVE, ...request)
  const extensions = [
    'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1',
    'extendedKeyUsage=serverAuth',
    'basicConstraints=CA:FALSE',
  ]
  await writeFile(file('extensions'), extensions.join('\n'))
  const signed = ['-CA', authorityFile, '-CAkey', authorityKey, '-CAcreateserial', '-days', DAYS]
  const from = ['-in', file('csr'), '-extfile', file('extensions'), '-out', certFile]
  await openssl('x509', '-req', ...signed, ...from)
  return { authorityFile, certFile, keyFile }
}
