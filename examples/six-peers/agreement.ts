import type { Record } from './record.ts'

const ONE: readonly number[] = [0, 0, 0, 0, 0, 0]

const areOne = (records: readonly Record[], tick: number): boolean => {
  const [first] = records
  if (records.length !== ONE.length || first === undefined) return false
  const digest = first.digestAt(tick)
  for (const record of records) if (!record.has(tick) || record.digestAt(tick) !== digest) return false
  return true
}

/**
 * Who agrees with whom about a tick: for each record the number of its party. Party 0 is the largest; of two as
 * large the one that the first peer is in.
 */
export const partiesAt = (records: readonly Record[], tick: number): readonly number[] => {
  // As a rule all agree, and it is asked for every tick that is shown, at every frame.
  if (areOne(records, tick)) return ONE
  const digests = records.map((record) => (record.has(tick) ? record.digestAt(tick) : Number.NaN))
  const counts = new Map<number, number>()
  for (const digest of digests) if (!Number.isNaN(digest)) counts.set(digest, (counts.get(digest) ?? 0) + 1)
  // A map keeps its order, and a sort too: as many as another come in the order of the peers.
  const order = [...counts].sort(([, one], [, other]) => other - one).map(([digest]) => digest)
  return digests.map((digest) => order.indexOf(digest))
}

/** The last tick that all have run. */
export const commonTick = (records: readonly Record[]): number => Math.min(...records.map(({ last }) => last))
