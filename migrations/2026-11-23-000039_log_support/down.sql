DROP TABLE support_item_costs, support_items, support_types;
