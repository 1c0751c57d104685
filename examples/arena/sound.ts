/** Sounds, made as they are played. A browser allows them once somebody has pressed something. */
export class Sound {
  isOn = true
  private context: AudioContext | undefined
  private noise: AudioBuffer | undefined
  private out: GainNode | undefined

  /** To be called when something was pressed. */
  wake(): void {
    if (this.context === undefined) {
      this.context = new AudioContext()
      this.out = this.context.createGain()
      this.out.gain.value = 0.35
      const limiter = this.context.createDynamicsCompressor()
      this.out.connect(limiter).connect(this.context.destination)
      this.noise = whiteNoise(this.context)
    }
    if (this.context.state === 'suspended') void this.context.resume()
  }

  dash(own: boolean): void {
    this.hiss({ from: 600, to: 2_400, seconds: 0.18, volume: own ? 0.35 : 0.12 })
  }

  hit(force: number): void {
    const volume = Math.min(1, 0.35 + force / 20)
    this.tone({ from: 190, to: 48, seconds: 0.22, volume, type: 'sine' })
    this.hiss({ from: 3_000, to: 400, seconds: 0.09, volume: volume * 0.6 })
  }

  bump(force: number): void {
    this.tone({ from: 240, to: 120, seconds: 0.08, volume: Math.min(0.4, force / 20), type: 'sine' })
  }

  fall(own: boolean): void {
    this.tone({ from: 520, to: 70, seconds: 0.7, volume: own ? 0.5 : 0.25, type: 'triangle' })
  }

  point(): void {
    for (const [i, note] of [659, 988].entries())
      this.tone({ from: note, to: note, seconds: 0.16, volume: 0.22, type: 'square', after: i * 0.09 })
  }

  orb(): void {
    for (const [i, note] of [523, 659, 784].entries())
      this.tone({ from: note, to: note, seconds: 0.14, volume: 0.2, type: 'triangle', after: i * 0.06 })
  }

  blast(): void {
    this.tone({ from: 120, to: 28, seconds: 0.6, volume: 0.9, type: 'sine' })
    this.hiss({ from: 1_800, to: 120, seconds: 0.45, volume: 0.5 })
  }

  count(isLast: boolean): void {
    const note = isLast ? 880 : 440
    this.tone({ from: note, to: note, seconds: isLast ? 0.35 : 0.12, volume: 0.3, type: 'triangle' })
  }

  over(): void {
    for (const [i, note] of [523, 659, 784, 1047].entries())
      this.tone({ from: note, to: note, seconds: 0.5, volume: 0.22, type: 'triangle', after: i * 0.12 })
  }

  private tone(sound: Sounding & { readonly type: OscillatorType }): void {
    const { context } = this
    if (context === undefined) return
    const tone = context.createOscillator()
    tone.type = sound.type
    this.play(tone, tone.frequency, tone, sound)
  }

  private hiss(sound: Sounding): void {
    const { context, noise } = this
    if (context === undefined || noise === undefined) return
    const source = context.createBufferSource()
    source.buffer = noise
    source.loop = true
    const filter = context.createBiquadFilter()
    filter.type = 'bandpass'
    source.connect(filter)
    this.play(source, filter.frequency, filter, sound)
  }

  private play(source: AudioScheduledSourceNode, pitch: AudioParam, last: AudioNode, sound: Sounding): void {
    const { context, out } = this
    if (context === undefined || out === undefined || !this.isOn || context.state !== 'running') return
    const from = context.currentTime + (sound.after ?? 0)
    const volume = context.createGain()
    volume.gain.setValueAtTime(sound.volume, from)
    volume.gain.exponentialRampToValueAtTime(0.001, from + sound.seconds)
    pitch.setValueAtTime(sound.from, from)
    pitch.exponentialRampToValueAtTime(sound.to, from + sound.seconds)
    last.connect(volume).connect(out)
    source.start(from)
    source.stop(from + sound.seconds)
  }
}

interface Sounding {
  readonly from: number
  readonly to: number
  readonly seconds: number
  readonly volume: number
  readonly after?: number
}

const whiteNoise = (context: AudioContext): AudioBuffer => {
  const buffer = context.createBuffer(1, context.sampleRate, context.sampleRate)
  const samples = buffer.getChannelData(0)
  for (let i = 0; i < samples.length; i++) samples[i] = 2 * Math.random() - 1
  return buffer
}
