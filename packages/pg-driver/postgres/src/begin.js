// Weft: not in upstream, where begin() is a function inside of index.js. README.md explains the changes.
import Queue from './queue.js'
import { Errors, PostgresError } from './errors.js'

/**
 * Returns the method begin() of a pool.
 *
 * A transaction has these states:
 * - `lead` is set: nothing was sent. A transaction that ends in this state has used no connection.
 * - `opening` is set: its first query is on the way. All others wait in `queries`, because the first one may be sent again on another connection.
 * - `connection` is set and `opening` is not: the server has answered. If the connection closes, the transaction is lost.
 * - `lost` or `ended` is set: queries are refused.
 *
 * @param sql the pool
 * @param Sql creates the handle of a transaction from its handler of queries
 * @param submit the pool's handler of queries, which chooses a connection
 * @param move moves a connection to another queue
 * @param reserved, full queues of connections that belong to a transaction: those that accept a query, and those that do not
 */
export default function Begin({ sql, Sql, submit, move, reserved, full }) {
  return begin

  async function begin(options, fn) {
    !fn && (fn = options, options = '')
    const queries = Queue()
    // Statements that are sent with the first query, instead of a begin whose answer the first query has to wait for.
    let lead = typeof options === 'string' ? null : options.lead
      , opening = null
      , savepoints = 0
      , connection = null
      , prepare = null
      , failed = null
      , lost = null
      , ended = false
      , rejectLost

    const whenLost = new Promise((_, reject) => rejectLost = reject)
    whenLost.catch(() => { /* The transaction may have ended already. */ })

    try {
      lead || await sql.unsafe('begin ' + options.replace(/[^a-z ]/ig, ''), [], { onexecute }).execute()
      return await Promise.race([scope(fn), whenLost])
    } finally {
      ended = true
    }

    async function scope(fn, name) {
      const sql = Sql(handler)
      sql.savepoint = savepoint
      const prepared = x => prepare = x.replace(/[^a-z0-9$-_. ]/gi)
      sql.prepare = prepared
      let uncaughtError
        , result

      name && await sql`savepoint ${ sql(name) }`
      try {
        result = await new Promise((resolve, reject) => {
          const x = fn(sql)
          Promise.resolve(Array.isArray(x) ? Promise.all(x) : x).then(resolve, reject)
        })

        if (uncaughtError)
          throw uncaughtError
      } catch (e) {
        if (name)
          await sql`rollback to ${ sql(name) }`
        else if (!lead && !ended)
          await sql`rollback`
        throw e instanceof PostgresError && e.code === '25P02' && uncaughtError || e
      }

      if (!name && !lead) {
        prepare
          ? await sql`prepare transaction '${ sql.unsafe(prepare) }'`
          : await sql`commit`
      }

      return result

      function savepoint(name, fn) {
        if (name && Array.isArray(name.raw))
          return savepoint(sql => sql.apply(sql, arguments))

        arguments.length === 1 && (fn = name, name = null)
        return scope(fn, 's' + savepoints++ + (name ? '_' + name : ''))
      }

      function handler(q) {
        if (lost || ended)
          return q.reject(lost || transactionEnded())
        q.catch(e => uncaughtError || (uncaughtError = e))
        if (lead)
          return open(q)

        opening || connection.queue === full
          ? queries.push(q)
          : connection.execute(q) || move(connection, full)
      }

      // A query of several statements waits for the answer to the begin. Otherwise, if the begin failed, the server would not skip the query.
      function open(q) {
        opening = q
        if (q.options.simple) {
          opening = sql.unsafe(lead.join('; '))
          opening.executed = true
          opening.catch(e => uncaughtError || (uncaughtError = e))
          queries.push(q)
        } else {
          q.lead = lead
        }
        lead = null
        opening.options.onexecute = onexecute
        const first = opening
            , reject = first.reject
            , rejected = error => {
              if (opening === first && options.resend(error))
                return resend(first)
              opening = null
              failed = error
              reject(error)
              connection || fail(error)
            }
        first.reject = rejected
        submit(first)
      }
    }

    // The connection was lost before it answered. Nothing was committed there.
    function resend(q) {
      connection = null
      q.state = q.parameters = q.retried = null
      q.leading = 0
      q.active = false
      submit(q)
    }

    function fail(error) {
      lost = error
      while (queries.length)
        queries.shift().reject(error)
      rejectLost(error)
    }

    function onexecute(c, free) {
      connection = c
      move(c, free ? reserved : full)
      const ready = () => {
        let free = true
        opening = null
        while (free && queries.length) {
          const q = queries.shift()
          q.cancelled || (free = c.execute(q))
        }
        move(c, free ? reserved : full)
      }
      // The server has answered outside of a transaction, so the connection is about to serve another one.
      const over = () => {
        ended = true
        c.onclose = null
        while (queries.length)
          queries.shift().reject(failed || transactionEnded())
      }
      const closed = error => connection === c && !opening && fail(error)
      ready.ended = over
      c.reserved = ready
      c.onclose = closed
    }
  }
}

function transactionEnded() {
  return Errors.generic('TRANSACTION_ENDED', 'The transaction of this query has ended')
}
