/**
 * A sort that keeps all that the language promises of one with a consistent comparator, by another algorithm
 * than the machine's own. Where a comparator contradicts itself, or says true and false, the order of the result
 * is each engine's own, and so it is here. Without a comparator elements are compared as text: of those that
 * look alike as text and are not the same, the order is the other way round, as nobody should rely on it.
 */
export const sortedOtherwise = <T>(items: readonly T[], compare?: (a: T, b: T) => number): T[] => {
  const defined = items.filter((item) => item !== undefined)
  const rest = items.filter((item) => item === undefined)
  if (compare !== undefined) return [...merged(defined, compare), ...rest]
  const keyed = defined.map((item, at) => ({ item, at, key: String(item) }))
  const sorted = merged(keyed, (a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : b.at - a.at))
  return [...sorted.map(({ item }) => item), ...rest]
}

/** The same for typed arrays, which engines sort by merging: here each element finds its place among those before. */
export const insertedOtherwise = <T>(items: readonly T[], compare: (a: T, b: T) => number): T[] => {
  const sorted: T[] = []
  for (const item of items) {
    let low = 0
    let high = sorted.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (compare(item, sorted[middle] as T) < 0) high = middle
      else low = middle + 1
    }
    sorted.splice(low, 0, item)
  }
  return sorted
}

const merged = <T>(items: readonly T[], compare: (a: T, b: T) => number): T[] => {
  if (items.length < 2) return items.slice()
  const half = items.length >> 1
  const low = merged(items.slice(0, half), compare)
  const high = merged(items.slice(half), compare)
  const all: T[] = []
  let i = 0
  let j = 0
  while (i < low.length && j < high.length)
    all.push(compare(low[i] as T, high[j] as T) > 0 ? (high[j++] as T) : (low[i++] as T))
  return [...all, ...low.slice(i), ...high.slice(j)]
}
