/** Whoever wants to hear of something. */
export class Listeners<T> {
  private readonly all = new Set<(news: T) => void>()

  get isEmpty(): boolean {
    return this.all.size === 0
  }

  /** Returns what takes the listener away again. */
  add(listener: (news: T) => void): () => void {
    this.all.add(listener)
    return () => this.all.delete(listener)
  }

  /** Who comes or goes while the news is told is not told of it, or still is. */
  tell(news: T): void {
    for (const listener of [...this.all]) listener(news)
  }
}
