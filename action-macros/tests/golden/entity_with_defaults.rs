#[derive(Entity)]
#[entity(table = "companies")]
struct Company {
    id: Uuid,
    full_name: String,
    r#type: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: Option<DateTime<Utc>>,
}

// expands to

const _: () = {
    #[automatically_derived]
    impl ::action_core::entity::EntityType for Company {
        const NAME: &'static str = "Company";
        fn definition() -> ::core::result::Result<
            ::action_core::entity::Entity,
            ::action_core::entity::EntityError,
        > {
            const NAME: &str = ::action_core::__private::entity_name("Company");
            ::action_core::entity::Entity::builder(NAME, "companies")
                .column(
                    ::action_core::__private::column(
                        "id",
                        "id",
                        <Uuid as ::action_core::entity::Cell>::KIND,
                        <Uuid as ::action_core::entity::Cell>::NULLABLE,
                    ),
                )
                .column(
                    ::action_core::__private::column(
                        "fullName",
                        "full_name",
                        <String as ::action_core::entity::Cell>::KIND,
                        <String as ::action_core::entity::Cell>::NULLABLE,
                    ),
                )
                .column(
                    ::action_core::__private::column(
                        "type",
                        "type",
                        <Option<String> as ::action_core::entity::Cell>::KIND,
                        <Option<String> as ::action_core::entity::Cell>::NULLABLE,
                    ),
                )
                .column(
                    ::action_core::__private::column(
                        "createdAt",
                        "created_at",
                        <DateTime<Utc> as ::action_core::entity::Cell>::KIND,
                        <DateTime<Utc> as ::action_core::entity::Cell>::NULLABLE,
                    ),
                )
                .column(
                    ::action_core::__private::column(
                        "updatedAt",
                        "updated_at",
                        <Option<DateTime<Utc>> as ::action_core::entity::Cell>::KIND,
                        <Option<DateTime<Utc>> as ::action_core::entity::Cell>::NULLABLE,
                    ),
                )
                .build()
        }
        fn from_record(
            record: ::action_core::entity::Record,
        ) -> ::core::result::Result<Self, ::action_core::entity::CellError> {
            let mut cells = record.into_values().into_iter();
            ::core::result::Result::Ok(Self {
                id: <Uuid as ::action_core::entity::Cell>::from_value(
                    ::action_core::__private::next(&mut cells),
                )?,
                full_name: <String as ::action_core::entity::Cell>::from_value(
                    ::action_core::__private::next(&mut cells),
                )?,
                r#type: <Option<
                    String,
                > as ::action_core::entity::Cell>::from_value(
                    ::action_core::__private::next(&mut cells),
                )?,
                created_at: <DateTime<
                    Utc,
                > as ::action_core::entity::Cell>::from_value(
                    ::action_core::__private::next(&mut cells),
                )?,
                updated_at: <Option<
                    DateTime<Utc>,
                > as ::action_core::entity::Cell>::from_value(
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
                    <Uuid as ::action_core::entity::Cell>::to_value(&self.id),
                    <String as ::action_core::entity::Cell>::to_value(&self.full_name),
                    <Option<
                        String,
                    > as ::action_core::entity::Cell>::to_value(&self.r#type),
                    <DateTime<
                        Utc,
                    > as ::action_core::entity::Cell>::to_value(&self.created_at),
                    <Option<
                        DateTime<Utc>,
                    > as ::action_core::entity::Cell>::to_value(&self.updated_at),
                ],
            )
        }
        fn key(&self) -> ::action_core::Value {
            <Uuid as ::action_core::entity::Cell>::to_value(&self.id)
        }
    }
};
