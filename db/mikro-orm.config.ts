import { Migrator } from '@mikro-orm/migrations'
import { defineConfig } from '@mikro-orm/postgresql'
import { AnalystCall } from './entities/analyst-call.ts'
import { AnalyticsEvent } from './entities/analytics-event.ts'
import { Anomaly } from './entities/anomaly.ts'
import { Enhancement } from './entities/enhancement.ts'
import { Pattern } from './entities/pattern.ts'
import { ProcessState } from './entities/process-state.ts'
import { Quarantine } from './entities/quarantine.ts'
import { Reanalysis } from './entities/reanalysis.ts'
import { Request } from './entities/request.ts'
import { Response } from './entities/response.ts'
import { SecurityPolicy } from './entities/security-policy.ts'
import { Session } from './entities/session.ts'
import { SessionLink } from './entities/session-link.ts'
import { Setting } from './entities/setting.ts'
import { Transformation } from './entities/transformation.ts'
import { WorkflowCommand } from './entities/workflow-command.ts'
import { Initial } from './migrations/0001-initial.ts'
import { Settings } from './migrations/0002-settings.ts'
import { Rules } from './migrations/0003-rules.ts'
import { Patterns } from './migrations/0004-patterns.ts'
import { Outcomes } from './migrations/0005-outcomes.ts'
import { Experiments } from './migrations/0006-experiments.ts'
import { Memory } from './migrations/0007-memory.ts'
import { Decisions } from './migrations/0010-decisions.ts'
import { SharedPatterns } from './migrations/0011-shared-patterns.ts'
import { Withdrawals } from './migrations/0012-withdrawals.ts'
import { Readings } from './migrations/0013-readings.ts'

/** Entities and migrations are named one by one: nothing is found by scanning folders. */
export function createOrmConfig(databaseUrl: string) {
  return defineConfig({
    clientUrl: databaseUrl,
    entities: [
      Session,
      SessionLink,
      Request,
      Response,
      Pattern,
      Enhancement,
      Anomaly,
      SecurityPolicy,
      Transformation,
      AnalyticsEvent,
      WorkflowCommand,
      Quarantine,
      ProcessState,
      Reanalysis,
      AnalystCall,
      Setting,
    ],
    extensions: [Migrator],
    migrations: {
      migrationsList: [
        { name: '0001-initial', class: Initial },
        { name: '0002-settings', class: Settings },
        { name: '0003-rules', class: Rules },
        { name: '0004-patterns', class: Patterns },
        { name: '0005-outcomes', class: Outcomes },
        { name: '0006-experiments', class: Experiments },
        { name: '0007-memory', class: Memory },
        { name: '0010-decisions', class: Decisions },
        { name: '0011-shared-patterns', class: SharedPatterns },
        { name: '0012-withdrawals', class: Withdrawals },
        { name: '0013-readings', class: Readings },
      ],
      snapshot: false,
      silent: true,
    },
    forceUtcTimezone: true,
    // A stopped server hangs its clients for ever: waiting for a connection and for an answer both have an end.
    driverOptions: { connectionTimeoutMillis: 5_000, query_timeout: 60_000, keepAlive: true },
    pool: { min: 0, max: 8, idleTimeoutMillis: 30_000 },
  })
}
