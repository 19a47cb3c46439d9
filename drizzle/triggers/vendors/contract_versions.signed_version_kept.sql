create or replace trigger signed_version_kept before update on vendors.contract_versions for each row
  when (old.status = 'SIGNED')
  execute function vendors.keep_signed_version();
