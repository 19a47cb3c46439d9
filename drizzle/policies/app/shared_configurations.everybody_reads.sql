-- The configuration of the platform and of the plans concerns every tenant.
create policy everybody_reads on app.shared_configurations as permissive for select using (true);
