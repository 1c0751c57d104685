import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

/** Makes the page that a server shows: its programs, each in one file, and what lies beside them as it is. */

const source = dirname(fileURLToPath(import.meta.url))
const out = argv[2] ?? join(source, '../../dist/page')

await rm(out, { recursive: true, force: true })
await mkdir(out, { recursive: true })
const bundle = await rolldown({
  input: { demo: join(source, 'demo.ts'), single: join(source, 'single.ts') },
  platform: 'browser',
})
await bundle.write({
  dir: out,
  format: 'esm',
  minify: true,
  entryFileNames: '[name].js',
  chunkFileNames: '[name].js',
})
await bundle.close()

const sheets = (await readdir(join(source, 'style'))).sort()
const styles = await Promise.all(sheets.map((sheet) => readFile(join(source, 'style', sheet), 'utf8')))
await writeFile(join(out, 'style.css'), styles.join('\n'))

for (const file of ['index.html', 'instance.html', 'icon.svg'])
  await copyFile(join(source, file), join(out, file))
