/**
 * Snapshots of a state that is one buffer, seen through typed arrays: its bytes are copied. Memory of an
 * earlier snapshot is written over, so that nothing is allocated once there are as many as there will be.
 */
export class Memory {
  private readonly bytes: Uint8Array

  constructor(buffer: ArrayBuffer) {
    this.bytes = new Uint8Array(buffer)
  }

  save(spare: Uint8Array | undefined): Uint8Array {
    if (spare?.length !== this.bytes.length) return this.bytes.slice()
    spare.set(this.bytes)
    return spare
  }

  /** Into the same buffer: whoever holds a view of it sees the past. */
  restore(snapshot: Uint8Array): void {
    this.bytes.set(snapshot)
  }
}
