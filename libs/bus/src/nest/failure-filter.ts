import { Catch, type ExceptionFilter } from '@nestjs/common';
import { throwError, type Observable } from 'rxjs';

/**
 * Hands what was thrown to the transport as it is. Without it Nest's own filter turns every Failure into "Internal
 * server error". Register it first among the global filters, so that filters of the application come before it.
 */
@Catch()
export class FailureFilter implements ExceptionFilter<unknown> {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}
