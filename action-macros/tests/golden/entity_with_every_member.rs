#[derive(Entity)]
#[entity(name = "Car", table = "fleet.cars", alias = "vehicle", type_id = "3f2504e0-4f89-41d3-9a0c-0305e82c3301")]
#[entity(tenant = "owner_id", row_rule = rules::own_cars)]
struct CarRow {
    #[entity(key)]
    car_no: i64,
    #[entity(name = "plate", column = "license_plate", length(1, 20), unique)]
    license_plate: String,
    #[entity(range(1886, 2100))]
    year: i32,
    #[entity(one_of("available", "in_use"), initially = "available")]
    status: String,
    #[entity(references = "Company")]
    company_id: Option<Uuid>,
    #[entity(decimal(12, 2), default = 0.5)]
    price: Decimal,
    #[entity(default = -1)]
    rank: i64,
    #[entity(default = true, read_only)]
    insured: bool,
    #[entity(hidden, redact)]
    alarm_code: Option<String>,
    #[entity(role = "version")]
    revision: i64,
}

// expands to

const _: () = {
    #[automatically_derived]
    impl ::action_core::entity::EntityType for CarRow {
        const NAME: &'static str = "Car";
        fn definition() -> ::core::result::Result<
            ::action_core::entity::Entity,
            ::action_core::entity::EntityError,
        > {
            const NAME: &str = ::action_core::__private::entity_name("Car");
            const TYPE_ID: ::action_core::__private::Uuid = ::action_core::__private::type_id(
                "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
            );
            const _: () = ::action_core::__private::text(
                <String as ::action_core::entity::Cell>::KIND,
            );
            const _: () = ::action_core::__private::number(
                <i32 as ::action_core::entity::Cell>::KIND,
            );
            const _: () = ::action_core::__private::text(
                <String as ::action_core::entity::Cell>::KIND,
            );
            const _: () = ::action_core::__private::never_null(
                <String as ::action_core::entity::Cell>::NULLABLE,
            );
            const KIND_OF_PRICE: ::action_core::Kind = ::action_core::__private::decimal(
                <Decimal as ::action_core::entity::Cell>::KIND,
                12,
                2,
            );
            const _: () = ::action_core::__private::never_null(
                <Decimal as ::action_core::entity::Cell>::NULLABLE,
            );
            const _: () = ::action_core::__private::never_null(
                <i64 as ::action_core::entity::Cell>::NULLABLE,
            );
            const _: () = ::action_core::__private::never_null(
                <bool as ::action_core::entity::Cell>::NULLABLE,
            );
            ::action_core::entity::Entity::builder(NAME, "fleet.cars")
                .alias("vehicle")
                .type_id(TYPE_ID)
                .tenant_column("owner_id")
                .row_rule(::action_core::entity::RowRule::new(rules::own_cars))
                .column(
                    ::action_core::__private::column(
                            "carNo",
                            "car_no",
                            <i64 as ::action_core::entity::Cell>::KIND,
                            <i64 as ::action_core::entity::Cell>::NULLABLE,
                        )
                        .role(::action_core::entity::ColumnRole::Key),
                )
                .column(
                    ::action_core::__private::column(
                            "plate",
                            "license_plate",
                            <String as ::action_core::entity::Cell>::KIND,
                            <String as ::action_core::entity::Cell>::NULLABLE,
                        )
                        .length(1, 20)
                        .unique(),
                )
                .column(
                    ::action_core::__private::column(
                            "year",
                            "year",
                            <i32 as ::action_core::entity::Cell>::KIND,
                            <i32 as ::action_core::entity::Cell>::NULLABLE,
                        )
                        .range(1886, 2100),
                )
                .column(
                    ::action_core::__private::column(
                            "status",
                            "status",
                            <String as ::action_core::entity::Cell>::KIND,
                            <String as ::action_core::entity::Cell>::NULLABLE,
                        )
                        .one_of(["available", "in_use"])
                        .initially("available"),
                )
                .column(
                    ::action_core::__private::column(
                            "companyId",
                            "company_id",
                            <Option<Uuid> as ::action_core::entity::Cell>::KIND,
                            <Option<Uuid> as ::action_core::entity::Cell>::NULLABLE,
                        )
                        .references("Company"),
                )
                .column(
                    ::action_core::__private::column(
                            "price",
                            "price",
                            KIND_OF_PRICE,
                            <Decimal as ::action_core::entity::Cell>::NULLABLE,
                        )
                        .default_value("0.5"),
                )
                .column(
                    ::action_core::__private::column(
                            "rank",
                            "rank",
                            <i64 as ::action_core::entity::Cell>::KIND,
                            <i64 as ::action_core::entity::Cell>::NULLABLE,
                        )
                        .default_value(-1i64),
                )
                .column(
                    ::action_core::__private::column(
                            "insured",
                            "insured",
                            <bool as ::action_core::entity::Cell>::KIND,
                            <bool as ::action_core::entity::Cell>::NULLABLE,
                        )
                        .default_value(true)
                        .read_only(),
                )
                .column(
                    ::action_core::__private::column(
                            "alarmCode",
                            "alarm_code",
                            <Option<String> as ::action_core::entity::Cell>::KIND,
                            <Option<String> as ::action_core::entity::Cell>::NULLABLE,
                        )
                        .hidden()
                        .redacted(),
                )
                .column(
                    ::action_core::__private::column(
                            "revision",
                            "revision",
                            <i64 as ::action_core::entity::Cell>::KIND,
                            <i64 as ::action_core::entity::Cell>::NULLABLE,
                        )
                        .role(::action_core::entity::ColumnRole::Version),
                )
                .build()
        }
        fn from_record(
            record: ::action_core::entity::Record,
        ) -> ::core::result::Result<Self, ::action_core::entity::CellError> {
            let mut cells = record.into_values().into_iter();
            ::core::result::Result::Ok(Self {
                car_no: <i64 as ::action_core::entity::Cell>::from_value(
                    ::action_core::__private::next(&mut cells),
                )?,
                license_plate: <String as ::action_core::entity::Cell>::from_value(
                    ::action_core::__private::next(&mut cells),
                )?,
                year: <i32 as ::action_core::entity::Cell>::from_value(
                    ::action_core::__private::next(&mut cells),
                )?,
                status: <String as ::action_core::entity::Cell>::from_value(
                    ::action_core::__private::next(&mut cells),
                )?,
                company_id: <Option<
                    Uuid,
                > as ::action_core::entity::Cell>::from_value(
                    ::action_core::__private::next(&mut cells),
                )?,
                price: <Decimal as ::action_core::entity::Cell>::from_value(
                    ::action_core::__private::next(&mut cells),
                )?,
                rank: <i64 as ::action_core::entity::Cell>::from_value(
                    ::action_core::__private::next(&mut cells),
                )?,
                insured: <bool as ::action_core::entity::Cell>::from_value(
                    ::action_core::__private::next(&mut cells),
                )?,
                alarm_code: <Option<
                    String,
                > as ::action_core::entity::Cell>::from_value(
                    ::action_core::__private::next(&mut cells),
                )?,
                revision: <i64 as ::action_core::entity::Cell>::from_value(
                    ::action_core::__private::next(&mut cells),
                )?,
            })
        }
        fn to_values(
            &self,
            entity: &::action_core::entity::Entity,
        ) -> ::std::vec::Vec<
            (::action_core::entity::ColumnIndex, ::action_core::Value),
        > {
            ::action_core::__private::data_cells(
                entity,
                [
                    <i64 as ::action_core::entity::Cell>::to_value(&self.car_no),
                    <String as ::action_core::entity::Cell>::to_value(
                        &self.license_plate,
                    ),
                    <i32 as ::action_core::entity::Cell>::to_value(&self.year),
                    <String as ::action_core::entity::Cell>::to_value(&self.status),
                    <Option<
                        Uuid,
                    > as ::action_core::entity::Cell>::to_value(&self.company_id),
                    <Decimal as ::action_core::entity::Cell>::to_value(&self.price),
                    <i64 as ::action_core::entity::Cell>::to_value(&self.rank),
                    <bool as ::action_core::entity::Cell>::to_value(&self.insured),
                    <Option<
                        String,
                    > as ::action_core::entity::Cell>::to_value(&self.alarm_code),
                    <i64 as ::action_core::entity::Cell>::to_value(&self.revision),
                ],
            )
        }
        fn key(&self) -> ::action_core::Value {
            <i64 as ::action_core::entity::Cell>::to_value(&self.car_no)
        }
    }
};
