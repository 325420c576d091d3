import { z } from 'zod';

import { requireOperator, requirePlayer } from '../auth/index.ts';
import { AppError } from '../errors.ts';
import { answer } from '../http/answer.ts';
import { factory } from '../http/factory.ts';
import { operation } from '../http/openapi.ts';
import { validate } from '../http/validate.ts';
import { deleteAccount, type Deletion } from './delete-account.ts';

const UserPath = z.object({ user_id: z.uuid().toLowerCase() });

const deleted = { 204: { description: 'The account is gone' } };

export function deletionHandlers(deletion: Deletion) {
  return {
    deleteMe: factory.createHandlers(
      operation({
        id: 'deleteMe',
        tag: 'Users',
        summary: 'Delete your account, with your scores',
        caller: 'player',
        success: deleted,
        errors: ['body_too_large'],
      }),
      requirePlayer(deletion.auth),
      async (c) => {
        const existed = await deleteAccount(deletion, c.get('caller').userId);
        if (!existed) throw new AppError('unauthenticated', 'the account no longer exists');
        return answer(c, null, 204);
      },
    ),

    deleteUser: factory.createHandlers(
      operation({
        id: 'deleteUser',
        tag: 'Operators',
        summary: 'Delete an account, with its scores',
        caller: 'operator',
        success: deleted,
        errors: ['invalid_request', 'not_found', 'body_too_large'],
      }),
      requireOperator(deletion.auth),
      validate('param', UserPath),
      async (c) => {
        const { user_id: userId } = c.req.valid('param');
        if (!(await deleteAccount(deletion, userId)))
          throw new AppError('not_found', `there is no user ${userId}`);
        return answer(c, null, 204);
      },
    ),
  };
}
