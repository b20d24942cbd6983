SET LOCAL app.tenant = '00000000-0000-0000-0000-000000000000';
DELETE FROM regimes WHERE tenant_id = app_tenant();
