import { TRPCError } from '@trpc/server'
import { z } from 'zod'
import { sessionMs, toSessionCookie } from './access.ts'
import { open, procedure, router } from './init.ts'

export const sessionRouter = router({
  /** Open: this is how a person gets in. */
  signIn: open
    .input(z.strictObject({ token: z.string().trim().min(1, 'paste the token').max(1_000) }))
    .mutation(async ({ ctx, input }) => {
      const { people, signInLimit, cookieName, log } = ctx.services
      if (!(await signInLimit.allows(ctx.address))) {
        throw new TRPCError({
          code: 'TOO_MANY_REQUESTS',
          message: 'too many failed attempts from this address; try again in a minute',
        })
      }
      const person = people.identify(input.token)
      if (person === null) {
        await signInLimit.failed(ctx.address)
        log.warn({ address: ctx.address }, 'a sign-in failed')
        throw new TRPCError({ code: 'UNAUTHORIZED', message: 'token: nobody has this token' })
      }
      ctx.responseHeaders.append(
        'set-cookie',
        toSessionCookie(cookieName, people.seal(person, Date.now() + sessionMs), sessionMs),
      )
      log.info({ person: person.name }, 'signed in')
      return { person: person.name }
    }),

  /** Open: how the pages find out whether somebody is signed in. */
  me: open.query(({ ctx }) => ({ person: ctx.person?.name ?? null })),

  signOut: procedure.mutation(({ ctx }) => {
    ctx.responseHeaders.append('set-cookie', toSessionCookie(ctx.services.cookieName, '', 0))
    return { person: null }
  }),
})
