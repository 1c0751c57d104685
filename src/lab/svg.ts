/** Parts of pictures, as SVG; the classes are named in a style that each picture brings along. */

export const rect = (x: number, y: number, width: number, height: number, name: string): string =>
  `<rect class="${name}" x="${x}" y="${y}" width="${width}" height="${height}"/>`

export const text = (x: number, y: number, name: string, words: string): string =>
  `<text class="${name}" x="${x}" y="${y}">${escaped(words)}</text>`

export const escaped = (words: string): string => words.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`)

/** Lines that fit, by the width that a character has in the mean in the widest of the fonts. */
export const wrapped = (words: string, width: number): string[] => {
  const lines: string[] = []
  let line = ''
  for (const word of words.split(' ')) {
    if (line !== '' && (line.length + 1 + word.length) * CHARACTER > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

const CHARACTER = 6
