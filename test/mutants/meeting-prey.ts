import { playMeeting } from '../core/meeting/story.ts'
import { huntIn } from './prey.ts'

/** Rooms of a meeting point, in which peers do anything. */
huntIn((seed) => playMeeting(seed).broken)
