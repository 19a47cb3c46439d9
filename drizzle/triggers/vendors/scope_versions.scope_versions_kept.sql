create or replace trigger scope_versions_kept before update on vendors.scope_versions for each row
  execute function vendors.keep_scope_version();
