-- Only operators of the platform add versions. No policy permits updates or deletes.
create policy platform_writes on app.shared_configurations as permissive for insert with check (app.in_platform_tenant());
