-- Up Migration
-- What people do to an instance beside its definition: say something, hold it, let it go on, take it back. Each is a row of the history like every move.

alter table workflows.history
  drop constraint history_kind_check,
  add constraint history_kind_check check (
    kind in ('START', 'TRANSITION', 'ASSIGNMENT', 'DATA', 'CANCELLATION', 'COMMENT', 'SUSPENSION', 'RESUMPTION', 'ROLLBACK'));

-- Down Migration
-- Fails while there are rows of the new kinds: history is not rewritten.
alter table workflows.history
  drop constraint history_kind_check,
  add constraint history_kind_check check (kind in ('START', 'TRANSITION', 'ASSIGNMENT', 'DATA', 'CANCELLATION'));
