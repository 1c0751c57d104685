import type { Fresh, Subject } from '../../../src/lab/try/subject.ts'

let copies = 0

/** Loads an application anew every time, with what it keeps outside of its state as at the beginning. */
export const freshly =
  (path: string): Fresh =>
  async () => {
    const module = (await import(/* @vite-ignore */ `${path}?copy=${copies++}`)) as {
      default: Subject['app']
    } & Omit<Subject, 'app'>
    return { app: module.default, render: module.render, samples: module.samples }
  }
