-- Up Migration
-- External IDs can be set by mutations. Users of a vendor do not see the audit entries, as they do not see the IDs.
alter policy vendor on audit.entries using (
  app.is_staff() or (app.vendor_sees(entity_id) and entity_type <> 'asset'
    and action <> all (array['request.tag', 'request.watch', 'request.unwatch', 'request.link', 'request.unlink', 'request.merge', 'request.split',
      'request.set_external_id', 'building.set_contact', 'building.remove_contact', 'building.assign_users', 'building.remove_users',
      'building.set_external_id'])));
call app.record_policies('audit.entries');

-- Down Migration
alter policy vendor on audit.entries using (
  app.is_staff() or (app.vendor_sees(entity_id) and entity_type <> 'asset'
    and action <> all (array['request.tag', 'request.watch', 'request.unwatch', 'request.link', 'request.unlink', 'request.merge', 'request.split',
      'building.set_contact', 'building.remove_contact', 'building.assign_users', 'building.remove_users'])));
call app.record_policies('audit.entries');
