/** The whole site map. Pages are loaded when they are first visited. */
import { Navigate, Route, Router } from '@solidjs/router'
import { lazy, type JSX } from 'solid-js'
import { paths, patterns } from './paths.ts'
import { Shell } from './ui/shell.tsx'

const SignIn = lazy(() => import('./pages/sign-in/sign-in.tsx').then((page) => ({ default: page.SignIn })))
const Exchanges = lazy(() => import('./pages/exchanges/exchanges.tsx').then((page) => ({ default: page.Exchanges })))
const Exchange = lazy(() => import('./pages/exchanges/exchange.tsx').then((page) => ({ default: page.Exchange })))
const Patterns = lazy(() => import('./pages/patterns/patterns.tsx').then((page) => ({ default: page.Patterns })))
const Pattern = lazy(() => import('./pages/patterns/pattern.tsx').then((page) => ({ default: page.Pattern })))
const Enhancements = lazy(() =>
  import('./pages/enhancements/enhancements.tsx').then((page) => ({ default: page.Enhancements })),
)
const Enhancement = lazy(() =>
  import('./pages/enhancements/enhancement.tsx').then((page) => ({ default: page.Enhancement })),
)
const Experiments = lazy(() =>
  import('./pages/experiments/experiments.tsx').then((page) => ({ default: page.Experiments })),
)
const Experiment = lazy(() =>
  import('./pages/experiments/experiment.tsx').then((page) => ({ default: page.Experiment })),
)
const Rules = lazy(() => import('./pages/rules/rules.tsx').then((page) => ({ default: page.Rules })))
const NewRule = lazy(() => import('./pages/rules/rule.tsx').then((page) => ({ default: page.NewRule })))
const Rule = lazy(() => import('./pages/rules/rule.tsx').then((page) => ({ default: page.Rule })))
const Reanalysis = lazy(() =>
  import('./pages/reanalysis/reanalysis.tsx').then((page) => ({ default: page.Reanalysis })),
)
const System = lazy(() => import('./pages/system/system.tsx').then((page) => ({ default: page.System })))
const NotFound = lazy(() => import('./pages/system/not-found.tsx').then((page) => ({ default: page.NotFound })))

export function Site(): JSX.Element {
  return (
    <Router>
      <Route path={patterns.signIn} component={SignIn} />
      <Route component={Shell}>
        <Route path={patterns.home} component={() => <Navigate href={paths.exchanges()} />} />
        <Route path={patterns.exchanges} component={Exchanges} />
        <Route path={patterns.exchange} component={Exchange} />
        <Route path={patterns.patterns} component={Patterns} />
        <Route path={patterns.pattern} component={Pattern} />
        <Route path={patterns.enhancements} component={Enhancements} />
        <Route path={patterns.enhancement} component={Enhancement} />
        <Route path={patterns.experiments} component={Experiments} />
        <Route path={patterns.experiment} component={Experiment} />
        <Route path={patterns.rules} component={Rules} />
        <Route path={patterns.newRule} component={NewRule} />
        <Route path={patterns.rule} component={Rule} />
        <Route path={patterns.reanalysis} component={Reanalysis} />
        <Route path={patterns.system} component={System} />
        <Route path="*" component={NotFound} />
      </Route>
    </Router>
  )
}
