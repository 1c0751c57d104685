import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NEVER } from '../../src/core/timeline/tick.ts'
import { Ring } from '../../src/lab/ring.ts'

test('messages come out as they went in, however many', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 200 }), (puts) => {
      const ring = new Ring()
      const model: Uint8Array[] = []
      puts.forEach((put, at) => {
        if (put) {
          const bytes = new Uint8Array([at])
          ring.push(at, bytes)
          model.push(bytes)
        } else if (model.length > 0) {
          expect(ring.nextAt()).toBe(model[0]?.[0])
          expect(ring.shift()).toBe(model.shift())
        }
        expect(ring.size).toBe(model.length)
      })
      for (const bytes of model) expect(ring.shift()).toBe(bytes)
      expect(ring.nextAt()).toBe(NEVER)
      expect(() => ring.shift()).toThrow(RangeError)
    }),
  )
})
