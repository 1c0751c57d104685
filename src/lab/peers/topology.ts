/** The network of the published experiment: a path with a ring and a clique of six in it. */
export const LINKS: readonly (readonly [number, number])[] = [
  ...[0, 1, 2, 3, 4, 5, 6, 7].map((i) => [i, i + 1] as const),
  [3, 8],
  [6, 9],
  [9, 10],
  [10, 11],
  [11, 12],
  ...[12, 13, 14, 15, 16].flatMap((i) => Array.from({ length: 17 - i }, (_, j) => [i, i + 1 + j] as const)),
  [15, 18],
  [18, 19],
  [19, 20],
]

export const PEERS = 21
export const FPS = 50

/** How many links the longest of all shortest ways has. */
export const diameterOf = (links: readonly (readonly [number, number])[], count: number): number => {
  let longest = 0
  for (let from = 0; from < count; from++) {
    const far = new Map([[from, 0]])
    for (const [node, distance] of far) {
      longest = Math.max(longest, distance)
      for (const [a, b] of links)
        for (const [here, there] of [
          [a, b],
          [b, a],
        ] as const)
          if (here === node && !far.has(there)) far.set(there, distance + 1)
    }
  }
  return longest
}

/** 14: what the slowest path between two peers takes is so many links' latencies. */
export const DIAMETER = diameterOf(LINKS, PEERS)
