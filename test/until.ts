/** Looks every so many milliseconds until it holds; what never does is ended by the test's own time. */
export const until = async (holds: () => boolean, every = 5): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, every))
}
