import { playPeers } from '../../src/lab/peers/story.ts'
import { huntIn } from './prey.ts'

/** Peers in random networks under random faults. */
huntIn((seed) => playPeers(seed).findings.violations)
