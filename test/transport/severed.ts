import type { Datagrams } from '../../src/transport/datagrams.ts'

/** A socket that is cut off once somebody says so: nothing gets in or out. */
export const severed =
  (state: { readonly isCut: boolean }) =>
  (inner: Datagrams): Datagrams => {
    const deaf: Datagrams = {
      at: inner.at,
      onDatagram: () => {},
      onRefused: () => {},
      send: (bytes, to) => (state.isCut ? undefined : inner.send(bytes, to)),
      close: () => inner.close(),
    }
    inner.onDatagram = (bytes, from) => (state.isCut ? undefined : deaf.onDatagram(bytes, from))
    return deaf
  }
