-- Up Migration
-- Filters of assets for which each page would read all assets of the tenant: rare manufacturers and models, and days of installation and purchase.
create index assets_by_manufacturer on requests.assets (tenant_id, manufacturer) where manufacturer is not null;
create index assets_by_model on requests.assets (tenant_id, model) where model is not null;
create index assets_by_installation on requests.assets (tenant_id, installed_on) where installed_on is not null;
create index assets_by_purchase on requests.assets (tenant_id, purchased_on) where purchased_on is not null;

-- Down Migration
drop index requests.assets_by_purchase, requests.assets_by_installation, requests.assets_by_model, requests.assets_by_manufacturer;
