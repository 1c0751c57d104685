import { drawFrame } from './clip.ts'
import { HEIGHT, WIDTH } from './size.ts'

export interface Chapter {
  readonly frame: number
  readonly name: string
}

/** The bar under the picture, with the chapters, and a small picture of where the pointer is. */
export class Seekbar {
  private readonly bar = document.getElementById('seek') as HTMLInputElement
  private readonly preview = document.getElementById('preview') as HTMLElement
  private readonly small: CanvasRenderingContext2D
  private readonly frames: number
  private readonly chapters: readonly Chapter[]
  private readonly timeOf: (frame: number) => string
  private isDragged = false

  constructor(
    frames: number,
    chapters: readonly Chapter[],
    timeOf: (frame: number) => string,
    seek: (frame: number) => void,
  ) {
    this.frames = frames
    this.chapters = chapters
    this.timeOf = timeOf
    const { bar, preview } = this
    bar.max = `${frames - 1}`
    this.small = (preview.querySelector('canvas') as HTMLCanvasElement).getContext('2d', {
      alpha: false,
    }) as CanvasRenderingContext2D
    this.small.scale(this.small.canvas.width / WIDTH, this.small.canvas.height / HEIGHT)
    for (const { frame } of chapters.slice(1)) {
      const notch = document.createElement('i')
      notch.style.left = `${(100 * frame) / (frames - 1)}%`
      document.getElementById('notches')?.append(notch)
    }
    bar.addEventListener('input', () => {
      this.isDragged = true
      this.look(Number(bar.value))
    })
    bar.addEventListener('change', () => {
      this.isDragged = false
      seek(Number(bar.value))
    })
    bar.addEventListener('pointermove', (event) => {
      const { left, width } = bar.getBoundingClientRect()
      const share = Math.max(0, Math.min(1, (event.clientX - left) / width))
      this.look(Math.round(share * (frames - 1)))
    })
    // Who drags it back to where it was has changed nothing, and lets it go all the same.
    for (const end of ['pointerup', 'pointercancel', 'blur'])
      bar.addEventListener(end, () => {
        setTimeout(() => {
          this.isDragged = false
        })
      })
    for (const end of ['pointerleave', 'blur', 'change'])
      bar.addEventListener(end, () => {
        preview.hidden = true
      })
  }

  /** The frame on the screen; the bar stays with a finger that drags it. */
  show(frame: number): void {
    if (this.isDragged) return
    this.bar.value = `${frame}`
    this.bar.setAttribute('aria-valuetext', `${this.timeOf(frame)}, ${this.chapterOf(frame)}`)
    this.fill(frame)
  }

  private fill(frame: number): void {
    this.bar.style.setProperty('--share', `${(100 * frame) / (this.frames - 1)}%`)
  }

  private look(frame: number): void {
    if (this.isDragged) this.fill(frame)
    drawFrame(this.small, frame)
    const { preview, frames } = this
    preview.hidden = false
    preview.style.setProperty('--at', `${frame / (frames - 1)}`)
    const text = preview.querySelector('p') as HTMLElement
    text.textContent = `${this.chapterOf(frame)} ${this.timeOf(frame)}`
  }

  private chapterOf(frame: number): string {
    return this.chapters.filter((chapter) => chapter.frame <= frame).at(-1)?.name ?? ''
  }
}
