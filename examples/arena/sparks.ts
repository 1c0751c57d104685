/** What flies, spreads and fades and is no part of the game: each machine shows its own. In px. */

interface Spark {
  x: number
  y: number
  vx: number
  vy: number
  age: number
  readonly life: number
  readonly size: number
  readonly colour: string
  /** How fast it slows down. */
  readonly drag: number
}

interface Ring {
  readonly x: number
  readonly y: number
  readonly from: number
  readonly to: number
  readonly width: number
  age: number
  readonly life: number
  readonly colour: string
}

interface Word {
  x: number
  y: number
  readonly text: string
  readonly colour: string
  readonly size: number
  age: number
  readonly life: number
}

const SPARKS_MAX = 900

export class Sparks {
  private sparks: Spark[] = []
  private rings: Ring[] = []
  private words: Word[] = []
  private readonly share: number

  constructor(isCalm: boolean) {
    this.share = isCalm ? 0.25 : 1
  }

  burst(x: number, y: number, colour: string, count: number, speed: number, size = 4): void {
    for (let i = 0; i < count * this.share && this.sparks.length < SPARKS_MAX; i++) {
      const [angle, v] = [Math.random() * 2 * Math.PI, speed * (0.25 + Math.random() * 0.75)]
      this.add(x, y, Math.cos(angle) * v, Math.sin(angle) * v, colour, size)
    }
  }

  /** A few that fly one way: 0 to the right, clockwise. */
  spray(x: number, y: number, angle: number, colour: string, count: number, speed: number): void {
    for (let i = 0; i < count * this.share && this.sparks.length < SPARKS_MAX; i++) {
      const [a, v] = [angle + (Math.random() - 0.5) * 0.9, speed * (0.3 + Math.random() * 0.7)]
      this.add(x, y, Math.cos(a) * v, Math.sin(a) * v, colour, 3)
    }
  }

  ring(x: number, y: number, colour: string, to: number, life = 0.45, width = 6): void {
    this.rings.push({ x, y, from: to * 0.15, to, width, age: 0, life, colour })
  }

  word(x: number, y: number, text: string, colour: string, size = 26): void {
    this.words.push({ x, y, text, colour, size, age: 0, life: 1.1 })
  }

  draw(pen: CanvasRenderingContext2D, seconds: number, font: string): void {
    this.sparks = older(this.sparks, seconds)
    this.rings = older(this.rings, seconds)
    this.words = older(this.words, seconds)
    pen.globalCompositeOperation = 'lighter'
    for (const spark of this.sparks) {
      const slower = Math.exp(-spark.drag * seconds)
      spark.vx *= slower
      spark.vy *= slower
      spark.x += spark.vx * seconds
      spark.y += spark.vy * seconds
      const left = 1 - spark.age / spark.life
      pen.globalAlpha = left
      pen.fillStyle = spark.colour
      pen.beginPath()
      pen.arc(spark.x, spark.y, spark.size * (0.35 + 0.65 * left), 0, 2 * Math.PI)
      pen.fill()
    }
    for (const ring of this.rings) {
      const done = ring.age / ring.life
      const reach = ring.from + (ring.to - ring.from) * (1 - (1 - done) ** 3)
      pen.globalAlpha = (1 - done) ** 1.5
      pen.strokeStyle = ring.colour
      pen.lineWidth = ring.width * (1 - done) + 0.5
      pen.beginPath()
      pen.arc(ring.x, ring.y, reach, 0, 2 * Math.PI)
      pen.stroke()
    }
    pen.globalCompositeOperation = 'source-over'
    pen.textAlign = 'center'
    pen.textBaseline = 'middle'
    for (const word of this.words) {
      const done = word.age / word.life
      pen.globalAlpha = Math.min(1, 3 * (1 - done))
      pen.fillStyle = word.colour
      pen.font = `750 ${word.size}px ${font}`
      pen.fillText(word.text, word.x, word.y - 40 * (1 - (1 - done) ** 2))
    }
    pen.globalAlpha = 1
  }

  private add(x: number, y: number, vx: number, vy: number, colour: string, size: number): void {
    const life = 0.35 + Math.random() * 0.5
    this.sparks.push({
      x,
      y,
      vx,
      vy,
      age: 0,
      life,
      size: size * (0.5 + Math.random() * 0.7),
      colour,
      drag: 2.6,
    })
  }
}

/** All that are not over after so many seconds more. */
const older = <T extends { age: number; readonly life: number }>(all: readonly T[], seconds: number): T[] => {
  for (const each of all) each.age += seconds
  return all.filter(({ age, life }) => age < life)
}
