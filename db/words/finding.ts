/** A finding: what a scheduled job saw and people should see. Types only: every folder may import this file. */

export type FindingKind = 'drift' | 'stale_enhancement' | 'model_change'
