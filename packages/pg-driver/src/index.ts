export { default as postgres, type PendingQuery, type Row, type Sql, type TransactionSql } from "#postgres";
